namespace AiFactory.Gateway.Routing;

/// <summary>What a request has in common with those that it should be answered beside.</summary>
/// <param name="Key">A hash; 0 is none.</param>
/// <param name="Reason"><see cref="ChoiceReason.Session"/> or <see cref="ChoiceReason.Prefix"/>.</param>
internal readonly record struct Affinity(ulong Key, ChoiceReason Reason)
{
    /// <summary>How well this replica goes with the key: each key ranks the replicas in its own order, and one more or one less moves no other (rendezvous hashing, Thaler and Ravishankar 1998).</summary>
    public ulong Rank(Replica replica) => Hash.Mix(Key ^ replica.Seed);
}
