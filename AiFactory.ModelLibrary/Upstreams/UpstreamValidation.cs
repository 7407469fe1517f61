using System.Globalization;
using System.Text.RegularExpressions;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Deployments;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>What of an upstream is allowed, as far as the request alone tells. No complaint repeats a credential.</summary>
internal static partial class UpstreamValidation
{
    private const int MostModels = 200;
    private const int MostHeaders = 16;
    private const int LongestUrl = 500;
    private const int LongestModel = 200;
    private const int LongestValue = 1000;
    private const int LongestCredential = 8192;

    internal static FieldErrors Check(UpstreamRequest request, UpstreamHosts hosts, ShownHeaders shown)
    {
        var errors = new FieldErrors();
        errors.Require(DeploymentValidation.IsName(request.Name), "name", "An upstream's name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit.");
        errors.Require(UpstreamKinds.All.Contains(request.Kind), "kind", $"Use one of {string.Join(", ", UpstreamKinds.All)}.");
        CheckAddress(request, hosts, errors);
        errors.Require(
            request.ApiVersion is null || (request.Kind == UpstreamKinds.AzureOpenAI && VersionPattern().IsMatch(request.ApiVersion)),
            "apiVersion",
            $"Only {UpstreamKinds.AzureOpenAI} has one, a date as '2024-10-21', with or without '-preview'.");
        CheckHeaders(request, shown, errors);
        errors.Require(
            request.Credential is null || (request.Credential.Length <= LongestCredential && request.Credential.All(letter => letter is > ' ' and <= '~')),
            "credential",
            $"A credential has at most {LongestCredential} characters, all of them ASCII and none of them white space: was a line's end copied with it?");
        CheckModels(request, errors);
        return errors;
    }

    private static void CheckAddress(UpstreamRequest request, UpstreamHosts hosts, FieldErrors errors)
    {
        if (request.BaseUrl is not { Length: > 0 and <= LongestUrl } || !Uri.TryCreate(request.BaseUrl, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https") || address.Host.Length == 0 || address.Query.Length > 0 || address.Fragment.Length > 0 || request.BaseUrl.Any(char.IsWhiteSpace))
        {
            errors.Add("baseUrl", "It is an address as 'https://api.example.com/v1', without a query.");
        }
        else if (address.UserInfo.Length > 0)
        {
            errors.Add("baseUrl", "It holds a credential, which is given under 'credential' and shown nowhere.");
        }
        else if (hosts.Refuse(address) is { } refusal)
        {
            errors.Add("baseUrl", refusal);
        }
    }

    private static void CheckHeaders(UpstreamRequest request, ShownHeaders shown, FieldErrors errors)
    {
        var headers = request.Headers ?? new Dictionary<string, string>();
        errors.Require(headers.Count <= MostHeaders, "headers", $"Name at most {MostHeaders} headers.");
        foreach (var (name, value) in headers)
        {
            errors.Require(shown.Includes(name), "headers", shown.Complaint(name));
            errors.Require(value is { Length: > 0 and <= LongestValue } && value.All(letter => letter is >= ' ' and <= '~'), "headers", $"The value of '{name}' is 1 to {LongestValue} characters of ASCII.");
        }

        errors.Require(headers.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() == headers.Count, "headers", "Name each header once.");
    }

    private static void CheckModels(UpstreamRequest request, FieldErrors errors)
    {
        if (request.Models is not { Count: > 0 and <= MostModels } models)
        {
            errors.Add("models", $"Name 1 to {MostModels} models that are offered through it.");
            return;
        }

        var tasks = UpstreamMapping.TasksOf(request.Kind);
        for (var index = 0; index < models.Count; index++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"models[{index}].");
            if (models[index] is not { } model)
            {
                errors.Add("models", "A model has a name, and the upstream's id of it.");
                continue;
            }

            errors.Require(DeploymentValidation.IsName(model.Name), $"{at}name", "A model's name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit.");
            errors.Require(models.Count(other => other?.Name == model.Name) == 1, $"{at}name", $"'{model.Name}' is named twice.");
            errors.Require(model.Model is { Length: > 0 and <= LongestModel } && !model.Model.Any(char.IsControl), $"{at}model", $"The upstream's id of it has 1 to {LongestModel} characters.");
            errors.Require(tasks.Contains(UpstreamMapping.TaskOf(model)), $"{at}task", $"Models of the kind '{request.Kind}' have one of the tasks {string.Join(", ", tasks)}.");
            errors.Require(model.ContextLength is null or >= 1, $"{at}contextLength", "Use at least 1 token.");
            errors.Require(model.Visibility is null or DeploymentValidation.ProjectVisibility or DeploymentValidation.FactoryVisibility, $"{at}visibility", $"Use '{DeploymentValidation.ProjectVisibility}' or '{DeploymentValidation.FactoryVisibility}'.");
            DeploymentTraffic.Check(model.Traffic, model.Name ?? "", errors, at);
            DeploymentCache.Check(model.Cache, errors, at);
            DeploymentCache.CheckAgainst(model.Cache, UpstreamMapping.TaskOf(model), errors, at);
        }
    }

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}(-preview)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
