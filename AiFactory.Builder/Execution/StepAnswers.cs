using AiFactory.Builder.Children;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Execution;

/// <summary>Outcomes as they are written.</summary>
internal static class StepAnswers
{
    internal static StepAnswer Succeeded(StepOutcome.Done done, DateTimeOffset at) => new()
    {
        Event = RunEventTypes.StepFinished,
        State = StepStates.Succeeded,
        Data = Data(done),
        Output = StorableJson.Write(done.Outputs),
        PromptTokens = done.IsCounted ? 0 : done.PromptTokens,
        CompletionTokens = done.IsCounted ? 0 : done.CompletionTokens,
        At = at,
    };

    internal static StepAnswer Began(ChildBatch children, DateTimeOffset at) => new()
    {
        Event = RunEventTypes.StepProgress,
        State = RunMapping.WaitingStep,
        Data = "{}",
        Children = children,
        At = at,
    };

    private static string Data(StepOutcome.Done done)
    {
        var (output, usage) = (done.Outputs, new RunUsage(done.PromptTokens, done.CompletionTokens));
        return done.Rulesets.Count == 0 ? StorableJson.Write(new { output, usage }) : StorableJson.Write(new { output, usage, rulesets = done.Rulesets });
    }

    /// <param name="delay">Until the next attempt; null when there is none.</param>
    internal static StepAnswer Failed(StepOutcome.Failed failed, TimeSpan? delay, DateTimeOffset at)
    {
        var told = StorableText.Clean(failed.Error);
        var error = StorableText.Clean(failed.Detail ?? failed.Error);
        return new StepAnswer
        {
            Event = delay is null ? RunEventTypes.StepFailed : RunEventTypes.StepRetried,
            State = delay is null ? StepStates.Failed : StepStates.Ready,
            Data = delay is { } pause ? StorableJson.Write(new { error, delaySeconds = pause.TotalSeconds }) : StorableJson.Write(new { error }),
            Error = told,
            Delay = delay ?? TimeSpan.Zero,
            At = at,
        };
    }

    internal static StepAnswer Postponed(StepOutcome.Failed failed, TimeSpan delay, DateTimeOffset at) => Failed(failed, delay, at) with { IsPostponed = true };

    internal static StepAnswer Unwritable(DateTimeOffset at) =>
        Failed(new StepOutcome.Failed("What the step gave could not be written.", IsTransient: false), null, at);

    /// <summary>
    /// An output that cannot be kept is a failure, and says so. One that is too large keeps the ports that an edge uses: a map gives its answers as a list and
    /// as a text, and few flows need both.
    /// </summary>
    internal static StepOutcome Limit(StepOutcome outcome, Func<string, bool> isUsed, int mostBytes)
    {
        if (outcome is not StepOutcome.Done done)
        {
            return outcome;
        }

        var complaint = done.Outputs.Values.Select(value => StorableJson.Complaint(value)).FirstOrDefault(found => found is not null);
        if (complaint is not null)
        {
            return new StepOutcome.Failed($"What the step gave is not kept: {complaint}.", IsTransient: false);
        }

        var bytes = Bytes(done, mostBytes);
        if (bytes > mostBytes && done.Outputs.Where(output => isUsed(output.Key)).ToDictionary(StringComparer.Ordinal) is { Count: > 0 } used)
        {
            done = done with { Outputs = used };
            bytes = Bytes(done, mostBytes);
        }

        return bytes > mostBytes ? new StepOutcome.Failed($"The step gave {bytes / 1024} KB; up to {mostBytes / 1024} KB are kept.", IsTransient: false) : done;
    }

    /// <summary>As they are kept. Counted as they were made first, which never is less: there a character may stand as <c>\u</c> and four digits.</summary>
    private static long Bytes(StepOutcome.Done done, int mostBytes)
    {
        var bytes = done.Outputs.Values.Sum(StorableJson.Length);
        return bytes > mostBytes ? done.Outputs.Values.Sum(StorableJson.PrintedSize) : bytes;
    }
}
