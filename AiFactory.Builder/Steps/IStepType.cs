using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Steps;

/// <summary>A kind of step. One instance serves all runs: what a run needs is in its <see cref="StepContext"/>.</summary>
internal interface IStepType
{
    /// <summary>Its ports and settings; the canvas, the validation and the execution all go by it.</summary>
    StepTypeResponse Description { get; }

    /// <summary>How it is run unless its settings say otherwise.</summary>
    StepPolicy Policy { get; }

    /// <summary>What is wrong with settings that are each of their kind: setting to sentence.</summary>
    IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings) => [];

    /// <summary>Where its settings hold a secret in clear text: setting to sentence. Such a graph is not kept, not even as a draft.</summary>
    IEnumerable<(string Setting, string Complaint)> Secrets(StepSettings settings) => [];

    /// <summary>The names that its settings' templates use; only connected steps can be named.</summary>
    IEnumerable<string> Variables(StepSettings settings) => [];

    /// <summary>The work. It may be done again after a crash: an effect outside must carry <see cref="StepContext.IdempotencyKey"/>.</summary>
    Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken);
}
