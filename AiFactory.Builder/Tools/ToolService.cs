using System.Text.Json;
using AiFactory.Builder.Agents;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Tools;

internal sealed class ToolService(ToolStore store, AgentStore agents, TimeProvider time)
{
    private const int DefaultTimeoutSeconds = 15;

    internal async Task<Outcome<Page<ToolResponse>>> ListAsync(string project, string? after, int? asked, bool mayWrite, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<ToolResponse>>();
        }

        if (!AuthoredText.CanBeStored(after))
        {
            return Paging.BadAfter<Page<ToolResponse>>();
        }

        var rows = await store.ListAsync(project, after, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, row => ToResponse(row, mayWrite), row => row.Name);
    }

    internal async Task<Outcome<ToolRow>> GetAsync(string project, string name, CancellationToken cancellationToken) =>
        ToolValidation.IsName(name) && await store.FindAsync(project, name, cancellationToken) is { } row ? row : Missing(name);

    internal async Task<Outcome<ToolRow>> CreateAsync(string project, ToolRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = ToolValidation.Check(request);
        errors.Require(ToolValidation.IsName(request.Name), "name", ToolValidation.NameRule);
        if (errors.Any)
        {
            return errors.ToOutcome<ToolRow>();
        }

        var row = Row(project, request.Name ?? "", request, subject);
        return await store.InsertAsync(row, cancellationToken) ? row : new Outcome<ToolRow>.Conflict($"There is a tool '{row.Name}' already.");
    }

    internal async Task<Outcome<ToolRow>> ReplaceAsync(string project, string name, ToolRequest request, string subject, CancellationToken cancellationToken)
    {
        var errors = ToolValidation.Check(request);
        errors.Require(ToolValidation.IsName(name), "name", ToolValidation.NameRule);
        errors.Require(request.Name is null || request.Name == name, "name", AuthoredNames.IsFixed);
        if (errors.Any)
        {
            return errors.ToOutcome<ToolRow>();
        }

        return await store.UpdateAsync(Row(project, name, request, subject), cancellationToken) is { } row ? row : Missing(name);
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string name, CancellationToken cancellationToken)
    {
        if (!ToolValidation.IsName(name))
        {
            return Outcome<bool>.Missed("tool", name);
        }

        if (await agents.ListUsersOfToolAsync(project, name, cancellationToken) is { Count: > 0 } users)
        {
            return new Outcome<bool>.Conflict($"The tool '{name}' is used by the agents {string.Join(", ", users)}.");
        }

        return await store.DeleteAsync(project, name, cancellationToken) ? true : Outcome<bool>.Missed("tool", name);
    }

    /// <summary>Without what would be refused as a secret today: a tool may be from before.</summary>
    /// <param name="mayWrite">Whether the reader may change it; others see no header's value.</param>
    internal static ToolResponse ToResponse(ToolRow row, bool mayWrite) => new(
        row.Name,
        row.Description,
        JsonDocument.Parse(row.Parameters).RootElement,
        row.Kind,
        row.Method,
        SecretReferences.AddressComplaint(row.Url) is null ? row.Url : SecretReferences.Hidden,
        HeadersOf(row).ToDictionary(header => header.Key, header => mayWrite && SecretReferences.Complaint(header.Key, header.Value) is null ? header.Value : SecretReferences.Hidden),
        row.TimeoutSeconds,
        row.CreatedBy,
        row.CreatedAt,
        row.UpdatedAt);

    internal static Dictionary<string, string> HeadersOf(ToolRow row) => JsonSerializer.Deserialize<Dictionary<string, string>>(row.Headers) ?? [];

    private static Outcome<ToolRow> Missing(string name) => Outcome<ToolRow>.Missed("tool", name);

    private ToolRow Row(string project, string name, ToolRequest request, string subject)
    {
        var now = time.GetUtcNow();
        var parameters = request.Parameters is { ValueKind: JsonValueKind.Object } given ? given : ToolSchema.None;
        return new ToolRow
        {
            Project = project,
            Name = name,
            Description = AuthoredText.Clean(request.Description),
            Parameters = StorableJson.Write(parameters),
            Kind = ToolValidation.Http,
            Method = (request.Method ?? "GET").ToUpperInvariant(),
            Url = AuthoredText.Clean(request.Url),
            Headers = JsonSerializer.Serialize(request.Headers ?? new Dictionary<string, string>()),
            TimeoutSeconds = request.TimeoutSeconds ?? DefaultTimeoutSeconds,
            CreatedBy = subject,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }
}
