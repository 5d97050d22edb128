"""TODO workflow"""
