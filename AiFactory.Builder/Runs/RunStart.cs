using System.Text.Json;

namespace AiFactory.Builder.Runs;

/// <param name="Revision">The newest when null.</param>
/// <param name="Input">An object; see <see cref="Contracts.Builder.Runs.RunRequest"/>.</param>
/// <param name="Actor">Who starts it.</param>
internal sealed record RunStart(string Project, string Flow, int? Revision, JsonElement Input, Guid? ThreadId, string Actor);
