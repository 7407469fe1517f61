using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.ModelLibrary.Deployments;

/// <summary>The cache policy of a deployment: what of it is allowed, and how it is kept.</summary>
internal static class DeploymentCache
{
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(30);

    internal static string? ToJson(CachePolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, JsonSerializerOptions.Web);

    internal static CachePolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<CachePolicy>(json, JsonSerializerOptions.Web);

    internal static string NoEmbeddings(string named) => $"The project has no deployment '{named}' with the task '{ModelTasks.Embedding}': deploy it first.";

    /// <param name="at">What stands before the field's name, where several are checked.</param>
    internal static void Check(CachePolicy? policy, FieldErrors errors, string at = "")
    {
        errors.Require(policy?.Ttl is null || (policy.Ttl >= ShortestTtl && policy.Ttl <= LongestTtl), $"{at}cache.ttl", "Use one second (00:00:01) to thirty days (30.00:00:00), or none for one hour.");
        if (policy?.Semantic is { } semantic)
        {
            errors.Require(policy.Responses, $"{at}cache.semantic", "It finds answers that are kept: set cache.responses too.");
            errors.Require(semantic.Threshold is >= 0.5 and <= 1, $"{at}cache.semantic.threshold", "Use 0.5 to 1.");
            errors.Require(DeploymentValidation.IsName(semantic.Embeddings), $"{at}cache.semantic.embeddings", "Name the deployment that embeds the questions.");
        }
    }

    /// <summary>What the model's task does not allow.</summary>
    internal static void CheckAgainst(CachePolicy? policy, string task, FieldErrors errors, string at = "")
    {
        errors.Require(policy is not { Embeddings: true } || task == ModelTasks.Embedding, $"{at}cache.embeddings", $"A model with the task '{task}' makes no embeddings: leave it out.");
        errors.Require(policy?.Semantic is null || task == ModelTasks.Chat, $"{at}cache.semantic", $"A model with the task '{task}' answers no questions: leave it out.");
    }
}
