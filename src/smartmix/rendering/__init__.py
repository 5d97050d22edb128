"""TODO rendering"""
