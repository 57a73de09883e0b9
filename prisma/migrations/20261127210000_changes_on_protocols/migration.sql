-- That a grade was changed stands in complaint_gradings and complaint_recalculations, and is told onward from protocol_results.
DROP TABLE "grade_changes";
