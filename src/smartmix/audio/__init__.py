"""TODO audio"""
