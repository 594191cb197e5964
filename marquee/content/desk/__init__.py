"""The desk: what people do to titles after their delivery, beside the steps that carry one to the viewers.

It stands above `pipeline`, whose order a delivery follows by itself: nothing here has an order, each use case is asked
for by a person, or follows from a moment that a person has set. It may use the pipeline, the stages and the catalogue.
Every change is one transaction on one title that holds its row, so two people never mix their changes.
"""
