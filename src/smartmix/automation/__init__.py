"""TODO automation"""
