using System.Runtime.InteropServices;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>The tokens that one slot's part of the cache holds, in the order of their positions; also after its request has ended, for the next that begins alike.</summary>
internal sealed class SlotTokens(int slot)
{
    private readonly List<int> _tokens = [];

    public int Slot { get; } = slot;

    public int Count => _tokens.Count;

    /// <summary>Whose they are, where prefixes are kept apart; null is everybody's.</summary>
    public string? Tenant { get; private set; }

    /// <summary>Grows with each use of any slot.</summary>
    public long LastUse { get; set; }

    public void Add(int token) => _tokens.Add(token);

    public void Clear() => _tokens.Clear();

    /// <summary>Takes over the first tokens of another slot, or of this one, for a request of <paramref name="tenant"/>.</summary>
    public void Begin(SlotTokens source, int length, string? tenant)
    {
        if (source != this)
        {
            _tokens.Clear();
            _tokens.AddRange(CollectionsMarshal.AsSpan(source._tokens)[..length]);
        }

        CollectionsMarshal.SetCount(_tokens, length);
        Tenant = tenant;
    }

    /// <summary>Tokens at the beginning that are the prompt's too. Compared token by token: two prompts of one hash cannot be taken for each other.</summary>
    public int SharedWith(ReadOnlySpan<int> prompt, string? tenant) =>
        Tenant == tenant ? CollectionsMarshal.AsSpan(_tokens).CommonPrefixLength(prompt) : 0;
}
