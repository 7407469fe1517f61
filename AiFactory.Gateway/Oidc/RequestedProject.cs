using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Oidc;

/// <summary>Which project a request is about, for a user who has several. What the user may do there is asked for the project that is found here, so a wrong guess gives nothing away.</summary>
internal static class RequestedProject
{
    private const string InPath = "/projects/";

    /// <returns>Null where the request names none.</returns>
    public static string? Of(HttpRequest request)
    {
        // 1. The path of a management route.
        var path = request.Path.Value ?? "";
        if (path.StartsWith("/api/", StringComparison.Ordinal) && path.IndexOf(InPath, StringComparison.Ordinal) is > 0 and var at)
        {
            var rest = path.AsSpan(at + InPath.Length);
            var end = rest.IndexOf('/');
            return (end < 0 ? rest : rest[..end]).ToString();
        }

        // 2. OpenAI's header; 3. the query of the ledger and the audit.
        return request.Headers[ModelCallers.ProjectHeader] is [{ Length: > 0 } header] ? header
            : request.Query["project"] is [{ Length: > 0 } query] ? query
            : null;
    }
}
