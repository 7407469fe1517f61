using AiFactory.Builder.Flows.Bodies;

namespace AiFactory.Builder.Children;

/// <summary>Runs that begin together, as they are written.</summary>
/// <param name="TraceParent">The step's span, so that their steps stand below it.</param>
internal sealed record ChildBatch(string Flow, BodyPin Pin, int Concurrency, bool FailsFast, string? TraceParent, IReadOnlyList<NewChild> Runs);

/// <param name="Input">JSON: <c>{"text":"...","item":...,"index":0,"with":...}</c>.</param>
internal sealed record NewChild(Guid Id, int Index, string Title, string Input);
