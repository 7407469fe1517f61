using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Published;

/// <param name="Passages">What the answer could rest on: <c>[1]</c> in it is the first.</param>
internal sealed record FlowAnswer(Guid RunId, int Revision, string Text, IReadOnlyList<Passage> Passages, RunUsage Usage);
