"""Previews: releases that staff watches before viewers may."""
