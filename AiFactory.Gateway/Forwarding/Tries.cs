using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>What has been tried for one request so far.</summary>
internal sealed class Tries
{
    /// <summary>How many times a replica was asked.</summary>
    public int Count { get; set; }

    /// <summary>Those that failed it in this round: another is asked first. Null while none has.</summary>
    public List<Replica>? Failed { get; private set; }

    /// <summary>How often all that could be asked had failed it.</summary>
    public int Rounds { get; set; }

    /// <summary>How many replicas broke the connection over it, and how many of them were sound before.</summary>
    public int Breaks { get; set; }

    public int SoundBreaks { get; set; }

    /// <summary>How many replicas let the time for a first token pass.</summary>
    public int Timeouts { get; set; }

    /// <summary>Until when it waits for a replica; null while it never had to.</summary>
    public long? WaitUntil { get; set; }

    /// <summary>How many steps of the chain of fallbacks were taken.</summary>
    public int Fallbacks { get; set; }

    public Failure? Last { get; private set; }

    public void Add(Replica replica, Failure failure)
    {
        (Failed ??= []).Add(replica);
        Last = failure;
    }

    /// <summary>Another deployment is asked. What the request did to replicas still counts.</summary>
    public void BeginDeployment()
    {
        Failed = null;
        Rounds = 0;
        WaitUntil = null;
    }

    /// <summary>Those that failed it may be asked again.</summary>
    /// <returns>Whether the request itself has to wait before; where a replica was set aside, its pause was the wait.</returns>
    public bool BeginRound()
    {
        Failed?.Clear();
        if (Last is { Kind: FailureKind.Absent or FailureKind.WithoutModel or FailureKind.Busy or FailureKind.Broken })
        {
            return false;
        }

        Rounds++;
        return true;
    }
}
