using System.Text.Json;
using System.Text.RegularExpressions;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools.Http;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Tools;

internal static partial class ToolValidation
{
    internal const string Http = "http";
    internal const string NameRule = "A tool's name is 1 to 64 letters, digits, '-' and '_'.";

    private const int LongestDescription = 1000;
    private const int LongestUrl = 2000;
    private const int LongestSchema = 16 * 1024;
    private const int MostHeaders = 20;
    private const int LongestHeader = 4096;
    private const int LongestTimeout = 60;

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    internal static bool IsName(string? name) => name is not null && NamePattern().IsMatch(name);

    internal static FieldErrors Check(ToolRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(request.Kind is null or Http, "kind", $"A tool's kind is '{Http}'.");
        errors.Require(request.Description is null or { Length: <= LongestDescription }, "description", $"A description has at most {LongestDescription} characters.");
        errors.Require(request.Method is null || Methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase), "method", $"The method is one of {string.Join(", ", Methods)}.");
        errors.Require(request.TimeoutSeconds is null or (>= 1 and <= LongestTimeout), "timeoutSeconds", $"Use 1 to {LongestTimeout} seconds.");
        CheckUrl(request, errors);
        CheckHeaders(request, errors);
        return errors;
    }

    private static void CheckUrl(ToolRequest request, FieldErrors errors)
    {
        var schema = ToolSchema.Complaint(request.Parameters);
        errors.Require(schema is null, "parameters", schema ?? "");
        errors.Require(request.Parameters is not { } given || StorableJson.Length(given) <= LongestSchema, "parameters", $"A schema has at most {LongestSchema} characters.");
        if (request.Url?.Trim() is not { Length: >= 1 and <= LongestUrl } url)
        {
            errors.Add("url", $"A tool needs an address of at most {LongestUrl} characters.");
        }
        else if ((ToolUrl.Complaint(url) ?? SecretReferences.AddressComplaint(url)) is { } complaint)
        {
            errors.Add("url", complaint);
        }
        else if (schema is null)
        {
            foreach (var place in ToolUrl.Places(url).Where(place => !ToolSchema.Names(request.Parameters).Contains(place)))
            {
                errors.Add("url", $"The address has a place {{{place}}}, but the parameters have no '{place}'.");
            }
        }
    }

    private static void CheckHeaders(ToolRequest request, FieldErrors errors)
    {
        errors.Require(request.Headers is null or { Count: <= MostHeaders }, "headers", $"A tool has at most {MostHeaders} headers.");
        foreach (var (name, value) in request.Headers ?? new Dictionary<string, string>())
        {
            if ((OutboundMessage.Complaint(name, value ?? "") ?? SecretReferences.Complaint(name, value ?? "")) is { } complaint)
            {
                errors.Add("headers", complaint);
            }

            errors.Require(value is { Length: <= LongestHeader }, "headers", $"The value of '{name}' has at most {LongestHeader} characters.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
