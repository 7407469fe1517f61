using System.Runtime.InteropServices;

namespace AiFactory.Inference.Engine.Prefixes;

/// <summary>The tokens that one slot's part of the cache holds, in the order of their positions; also after its request has ended, for the next that begins alike.</summary>
internal sealed class SlotTokens(int slot)
{
    private readonly List<int> _tokens = [];

    public int Slot { get; } = slot;

    public int Count => _tokens.Count;

    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Whose they are, where prefixes are kept apart; null is everybody's.</summary>
    public string? Tenant { get; private set; }

    /// <summary>Grows with each use of any slot.</summary>
    public long LastUse { get; set; }

    public void Add(int token) => _tokens.Add(token);

    public void Clear() => _tokens.Clear();

    /// <summary>Keeps the first tokens, for a request of <paramref name="tenant"/>.</summary>
    public void Keep(int length, string? tenant)
    {
        CollectionsMarshal.SetCount(_tokens, length);
        Tenant = tenant;
    }

    /// <summary>Takes over the tokens of another slot, or of the store.</summary>
    public void Take(ReadOnlySpan<int> tokens, string? tenant)
    {
        _tokens.Clear();
        _tokens.AddRange(tokens);
        Tenant = tenant;
    }

    /// <summary>Tokens at the beginning that are the prompt's too. Compared token by token: two prompts of one hash cannot be taken for each other.</summary>
    public int SharedWith(ReadOnlySpan<int> prompt, string? tenant) => Tenant == tenant ? Tokens.CommonPrefixLength(prompt) : 0;
}
