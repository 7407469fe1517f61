using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows;

internal static class FlowMapping
{
    internal static FlowResponse ToResponse(FlowRow flow, FlowGraph? graph = null) => new(
        flow.Name, flow.Description, flow.Revision, flow.PublishedAlias, flow.PublishedRevision, flow.CreatedBy, flow.CreatedAt, flow.UpdatedAt, graph);

    internal static FlowRevisionResponse ToResponse(RevisionRow revision, FlowGraph? graph = null) =>
        new(revision.Revision, revision.CreatedBy, revision.CreatedAt, graph);
}
