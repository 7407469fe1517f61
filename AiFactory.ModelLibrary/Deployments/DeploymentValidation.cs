using System.Text.RegularExpressions;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Models;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Deployments;

internal static partial class DeploymentValidation
{
    internal const string ProjectVisibility = "project";
    internal const string FactoryVisibility = "factory";

    private const int MaximumReplicas = 64;
    private const int MaximumSlots = 256;

    internal static FieldErrors Check(DeploymentRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(IsName(request.Name), "name", "A deployment's name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit.");
        errors.Require(request.Visibility is null or ProjectVisibility or FactoryVisibility, "visibility", $"Use '{ProjectVisibility}' or '{FactoryVisibility}'.");
        errors.Require(request.Replicas is null or (>= 0 and <= MaximumReplicas), "replicas", $"Use 0 to {MaximumReplicas}.");
        errors.Require(request.ContextLength is null or >= 1, "contextLength", "Use at least 1 token.");
        errors.Require(request.Slots is null or (>= 1 and <= MaximumSlots), "slots", $"Use 1 to {MaximumSlots}.");
        errors.Require(request.Quantization is null || Quantizations.All.Contains(request.Quantization), "quantization", $"Use one of {string.Join(", ", Quantizations.All)}, or none.");
        errors.Require(request.ModelVersionId != Guid.Empty, "modelVersionId", "Name the model version to deploy.");
        DeploymentTraffic.Check(request.Traffic, request.Name ?? "", errors);
        DeploymentCache.Check(request.Cache, errors);
        DeploymentRouting.Check(request.Routing, errors);
        return errors;
    }

    internal static bool IsName(string? name) => NamePattern().IsMatch(name ?? "");

    /// <summary>What the version itself does not allow.</summary>
    internal static FieldErrors CheckAgainst(DeploymentRequest request, VersionRow version)
    {
        var errors = new FieldErrors();
        if (request.ContextLength is { } asked && ModelMapping.Metadata(version) is { ContextLength: > 0 and var most } && asked > most)
        {
            errors.Add("contextLength", $"The model has a context of {most} tokens.");
        }

        errors.Require(request.Quantization is null || version.Parts is null, "quantization", "A model in several files is served as it is: leave it out, or bring in a file that is quantised already.");
        DeploymentCache.CheckAgainst(request.Cache, ModelMapping.Metadata(version)?.Task ?? ModelTasks.Chat, errors);
        return errors;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
