using System.Text.Json;

namespace AiFactory.Builder.Agents;

/// <summary>Something that an agent's model may call.</summary>
internal interface IAgentTool
{
    string Name { get; }

    string Description { get; }

    /// <summary>A JSON schema of an object.</summary>
    JsonElement Parameters { get; }

    /// <summary>The call. What goes wrong with it is an outcome, which the model and the user are told; only cancellation is thrown.</summary>
    /// <param name="arguments">An object with at least what the schema requires.</param>
    Task<ToolOutcome> CallAsync(JsonElement arguments, ToolCallContext context, CancellationToken cancellationToken);
}
