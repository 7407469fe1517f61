using AiFactory.Inference.Native;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Engine.Admission;

/// <summary>Gives free slots to those whose turn it is, and slots of others to those who are more urgent. Only the engine's thread calls it.</summary>
/// <param name="gate">Guards <paramref name="waiting"/>.</param>
internal sealed partial class Admitter(LlamaModel model, AdmissionQueue<Generation> waiting, Lock gate, Seats seats, ModelMetrics metrics, ILogger logger)
{
    private long _admitted;

    public void Admit()
    {
        while (seats.HasFree ? SeatNext() : SeatUrgent())
        {
        }
    }

    private bool SeatNext()
    {
        Waiting<Generation>? next;
        Sequence? back;
        var hasTurn = false;
        lock (gate)
        {
            waiting.TryPeek(out next);
            back = seats.NextBack(next?.Terms.Priority);
            if (back is null && next is not null)
            {
                hasTurn = waiting.TryPeekUrgent(next.Terms.Priority, out _) || seats.NextUrgentBack(next.Terms.Priority) is not null;
                waiting.Take(next);
            }
        }

        return Seat(back, next, victim: null, hasTurn);
    }

    private bool SeatUrgent()
    {
        Waiting<Generation>? next;
        var urgent = seats.MostUrgentBack() ?? int.MaxValue;
        lock (gate)
        {
            urgent = waiting.TryPeekUrgent(urgent, out next) ? next.Terms.Priority : urgent;
        }

        if (urgent == int.MaxValue || seats.Victim(above: urgent) is not { } victim)
        {
            return false;
        }

        var back = seats.NextUrgentBack(victim.Priority);
        lock (gate)
        {
            if (waiting.TryPeekUrgent(back?.Priority ?? victim.Priority, out next))
            {
                waiting.Take(next);
                back = null;
            }
        }

        return Seat(back, next, victim, hasTurn: false);
    }

    /// <param name="back">Who goes on, before anybody of the queue; else <paramref name="next"/> starts.</param>
    /// <returns>False when there is neither.</returns>
    private bool Seat(Sequence? back, Waiting<Generation>? next, Sequence? victim, bool hasTurn)
    {
        if (back is null && next is null)
        {
            return false;
        }

        if (back is null && next is { Item: var generation })
        {
            if (generation.IsCancelled)
            {
                EndBeforeStart(generation, null);
                return true;
            }

            back = TryStart(generation, next.Deadline);
        }

        if (back is not null)
        {
            if (victim is not null)
            {
                seats.SendOut(victim);
                metrics.Preempted();
            }

            seats.Seat(back, hasTurn);
        }

        return true;
    }

    /// <returns>Null when it could not start (a sampler that llama.cpp refuses): it has left the queue, so it is ended here, and the others go on.</returns>
    private Sequence? TryStart(Generation generation, long deadline)
    {
        try
        {
            return new Sequence(model, generation) { Number = _admitted++, Deadline = deadline };
        }
#pragma warning disable CA1031 // Whatever it is, its client must hear of it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogStartFailed(logger, error);
            EndBeforeStart(generation, new GenerationEvent.Failed("The model could not start the answer."));
            return null;
        }
    }

    /// <summary>Its turn had come, and its project was charged for it.</summary>
    private void EndBeforeStart(Generation generation, GenerationEvent? end)
    {
        lock (gate)
        {
            waiting.Settle(generation.Request.Terms, -generation.Estimate);
        }

        generation.End(end);
        metrics.RequestNeverStarted(generation, end);
    }

    [LoggerMessage(3103, LogLevel.Error, "A request could not start")]
    private static partial void LogStartFailed(ILogger logger, Exception error);
}
