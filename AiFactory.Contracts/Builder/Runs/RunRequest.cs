using System.Text.Json;

namespace AiFactory.Contracts.Builder.Runs;

/// <param name="Input">An object: <c>text</c> is the question, <c>messages</c> the conversation before it; whatever else is there a flow reads from its input's json.</param>
/// <param name="Revision">The newest when null.</param>
public sealed record RunRequest(JsonElement Input, int? Revision, Guid? ThreadId);
