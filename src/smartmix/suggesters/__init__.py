"""TODO suggesters"""
