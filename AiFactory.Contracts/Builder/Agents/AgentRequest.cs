namespace AiFactory.Contracts.Builder.Agents;

/// <summary>An agent: a model that may call tools until it has an answer.</summary>
/// <param name="Name">1 to 63 lower-case letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Model">A deployment that the project may use.</param>
/// <param name="Instructions">What the model is told before everything else.</param>
/// <param name="Rulesets">Names of rulesets, whose rules stand behind the instructions: <c>manners</c> is its newest version, <c>manners@3</c> always the third.</param>
/// <param name="Tools">Names of tools.</param>
/// <param name="KnowledgeBases">Names of knowledge bases, each of which is a tool <c>search_(name)</c>.</param>
/// <param name="MaxSteps">How often the model is asked for one answer, 1 to 50; 8 when null.</param>
/// <param name="MaxSeconds">How long one answer may take, tools included, 1 to 600; 60 when null.</param>
public sealed record AgentRequest(
    string? Name,
    string? Description,
    string? Model,
    string? Instructions,
    IReadOnlyList<string>? Rulesets,
    IReadOnlyList<string>? Tools,
    IReadOnlyList<string>? KnowledgeBases,
    int? MaxSteps,
    int? MaxSeconds);
