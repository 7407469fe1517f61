using System.Text.Json;

namespace AiFactory.Builder.Runs;

/// <param name="Revision">The newest when null.</param>
/// <param name="Input">An object; see <see cref="Contracts.Builder.Runs.RunRequest"/>.</param>
/// <param name="Actor">Who starts it.</param>
/// <param name="Bodies">The flows that it runs, as they were published, JSON; the newest of each when null.</param>
internal sealed record RunStart(string Project, string Flow, int? Revision, JsonElement Input, Guid? ThreadId, string Actor, string? Bodies = null);
