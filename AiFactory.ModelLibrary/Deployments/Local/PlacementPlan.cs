namespace AiFactory.ModelLibrary.Deployments.Local;

internal sealed record PlacementPlan(IReadOnlyList<AssignmentRow> Add, IReadOnlyList<AssignmentRow> Remove);
