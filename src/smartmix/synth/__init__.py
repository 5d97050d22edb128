"""TODO synth"""
