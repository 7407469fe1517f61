using AiFactory.Builder.Tools;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Builder.Agents;

internal static class AgentValidation
{
    internal const int DefaultSteps = 8;
    internal const int DefaultSeconds = 60;

    private const int MostSteps = 50;
    private const int MostSeconds = 600;
    private const int MostTools = 32;
    private const int MostRulesets = 10;
    private const int LongestInstructions = 16_000;
    private const int LongestDescription = 1000;

    internal static FieldErrors Check(AgentRequest request)
    {
        var errors = new FieldErrors();
        errors.Require(!string.IsNullOrWhiteSpace(request.Model), "model", "Name the model that the agent asks.");
        errors.Require(request.Model?.StartsWith("flow/", StringComparison.Ordinal) != true, "model", "An agent asks a deployment, not a flow.");
        errors.Require(request.Description is null or { Length: <= LongestDescription }, "description", $"A description has at most {LongestDescription} characters.");
        errors.Require(request.Instructions is null or { Length: <= LongestInstructions }, "instructions", $"Instructions have at most {LongestInstructions} characters.");
        errors.Require(request.MaxSteps is null or (>= 1 and <= MostSteps), "maxSteps", $"Use 1 to {MostSteps} steps.");
        errors.Require(request.MaxSeconds is null or (>= 1 and <= MostSeconds), "maxSeconds", $"Use 1 to {MostSeconds} seconds.");
        errors.Require(request.Rulesets is null or { Count: <= MostRulesets }, "rulesets", $"An agent has at most {MostRulesets} rulesets.");
        errors.Require(
            (request.Tools?.Count ?? 0) + (request.KnowledgeBases?.Count ?? 0) <= MostTools, "tools", $"An agent has at most {MostTools} tools and knowledge bases.");

        // A model knows a tool by its name alone.
        var names = (request.Tools ?? []).Concat((request.KnowledgeBases ?? []).Select(RetrievalTool.NameOf)).ToArray();
        foreach (var name in names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            errors.Add("tools", $"The agent would have two tools '{name}'.");
        }

        foreach (var name in (request.KnowledgeBases ?? []).Where(name => !ToolValidation.IsName(RetrievalTool.NameOf(name))))
        {
            errors.Add("knowledgeBases", $"'{name}' is not the name of a knowledge base.");
        }

        return errors;
    }
}
