namespace AiFactory.Contracts.Builder.Runs;

/// <summary>What happens in a run, and what the event's data say.</summary>
public static class RunEventTypes
{
    public const string RunStarted = "run.started";

    /// <summary>An attempt began, or goes on behind the runs that it has begun.</summary>
    public const string StepStarted = "step.started";

    /// <summary>A piece of a model's answer: <c>{"text":"...","offset":0,"answer":true}</c>. Live only: who comes later reads the whole in <c>step.finished</c>.</summary>
    public const string StepDelta = "step.delta";

    /// <summary><c>{"output":{...},"usage":{"promptTokens":1,"completionTokens":2}}</c>, and <c>"rulesets":["manners@3"]</c> where the answer was held to some.</summary>
    public const string StepFinished = "step.finished";

    /// <summary><c>{"error":"..."}</c></summary>
    public const string StepFailed = "step.failed";

    /// <summary>An attempt failed and there will be another: <c>{"error":"...","delaySeconds":1.0}</c></summary>
    public const string StepRetried = "step.retried";

    /// <summary>A map or a loop has begun runs, or some of them have ended: <c>{"total":10,"done":3,"failed":0}</c></summary>
    public const string StepProgress = "step.progress";

    public const string StepSkipped = "step.skipped";

    /// <summary><c>{"output":{...}}</c></summary>
    public const string RunSucceeded = "run.succeeded";

    /// <summary><c>{"error":"..."}</c></summary>
    public const string RunFailed = "run.failed";

    public const string RunCancelled = "run.cancelled";
}
