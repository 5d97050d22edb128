"""TODO mastering"""
