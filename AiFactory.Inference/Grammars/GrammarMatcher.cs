namespace AiFactory.Inference.Grammars;

/// <summary>
/// Follows an answer through a grammar, byte by byte, in all ways at once in which it can be read. States are values: from each one may look ahead and come back.
/// What was found is remembered, within bounds. One for each answer; not for several threads.
/// </summary>
internal sealed class GrammarMatcher
{
    /// <summary>States that are remembered from one token to the next; each has some 2 KiB.</summary>
    private const int MostStates = 1_000;

    /// <summary>And while all tokens are looked at for one.</summary>
    private const int MostStatesAtOnce = 20_000;

    private const int MostNodes = 20_000;

    /// <summary>Places that are compared with a character in the time of a step.</summary>
    private const int PlacesPerStep = 8;

    private readonly Grammar _grammar;
    private readonly GrammarState _dead = new([], default, accepts: false);
    private readonly Dictionary<(int Position, int Count, GrammarNode? Parent), GrammarNode> _nodes = [];
    private readonly Dictionary<GrammarState, GrammarState> _states = new(GrammarStateComparer.Instance);

    // Of one look at what follows; kept for the next.
    private readonly Stack<GrammarNode> _open = new();
    private readonly HashSet<GrammarNode> _seen = [];
    private readonly List<GrammarNode> _waiting = [];
    private bool _accepts;
    private int _steps;

    public GrammarMatcher(Grammar grammar)
    {
        _grammar = grammar;
        foreach (var begin in grammar.Alternatives[grammar.Root])
        {
            Open(begin, 0, null);
        }

        Start = Follow();
    }

    public GrammarState Start { get; }

    /// <summary>Before each token: its steps are counted anew, and what was remembered is forgotten when it has become much.</summary>
    /// <returns>The state to go on from, in place of <paramref name="current"/>.</returns>
    public GrammarState BeginToken(GrammarState current)
    {
        _steps = 0;
        if (_states.Count <= MostStates && _nodes.Count <= MostNodes)
        {
            return current;
        }

        _states.Clear();
        _nodes.Clear();
        return Remember(new GrammarState([.. current.Nodes.Select(Rebuild).OrderBy(node => node.Id)], current.Character, current.Accepts));
    }

    /// <returns>Null when no answer goes on with the byte.</returns>
    /// <exception cref="GrammarOverloadException"/>
    public GrammarState? Advance(GrammarState state, byte next)
    {
        var found = state.Next[next] ??= Find(state, next);
        return found.IsDead ? null : found;
    }

    /// <returns>Null when no answer goes on with the bytes.</returns>
    /// <exception cref="GrammarOverloadException"/>
    public GrammarState? Advance(GrammarState state, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            if (Advance(state, next) is not { } found)
            {
                return null;
            }

            state = found;
        }

        return state;
    }

    private GrammarState Find(GrammarState state, byte next)
    {
        _steps += state.Nodes.Length / PlacesPerStep;
        if (!state.Character.TryAdd(next, out var character))
        {
            return _dead;
        }

        var met = Array.FindAll(state.Nodes, node => _grammar.Classes[_grammar.Elements[node.Position].Value].Meets(character.Least, character.Most));
        if (met.Length == 0)
        {
            return _dead;
        }

        if (character.Remaining > 0)
        {
            return Remember(new GrammarState(met, character, accepts: false));
        }

        foreach (var node in met)
        {
            Open(node.Position + 1, 0, node.Parent);
        }

        return Follow();
    }

    /// <summary>From the open places to all those that wait for a character: into rules, and out of those that have ended.</summary>
    private GrammarState Follow()
    {
        while (_open.TryPop(out var node))
        {
            if (++_steps > _grammar.Limits.MostSteps || _seen.Count > _grammar.Limits.MostPlaces || _states.Count > MostStatesAtOnce)
            {
                Clear();
                throw new GrammarOverloadException();
            }

            var element = _grammar.Elements[node.Position];
            switch (element.Kind)
            {
                case GrammarElementKind.Class:
                    _waiting.Add(node);
                    break;
                case GrammarElementKind.End:
                    Leave(node.Parent);
                    break;
                case GrammarElementKind.Rule:
                    Enter(element.Value, Behind(node));
                    break;
                default:
                    Repeat(node, element);
                    break;
            }
        }

        _waiting.Sort((left, right) => left.Id.CompareTo(right.Id));
        var state = Remember(new GrammarState([.. _waiting], default, _accepts));
        Clear();
        return state;
    }

    private void Repeat(GrammarNode node, GrammarElement element)
    {
        if (node.Count >= element.Least)
        {
            Open(node.Position + 1, 0, node.Parent);
        }

        if (node.Count < element.Most)
        {
            // Without a limit, counts above the least are all alike.
            var count = element.Most == GrammarElement.Unbounded ? Math.Min(node.Count + 1, element.Least) : node.Count + 1;
            Enter(element.Value, count == element.Most ? Behind(node) : Intern(node.Position, count, node.Parent));
        }
    }

    /// <summary>Where to go on behind a rule; at the end of an alternative it is where that one goes on, so that a rule may end in itself as often as it likes.</summary>
    private GrammarNode? Behind(GrammarNode node) =>
        _grammar.Elements[node.Position + 1].Kind == GrammarElementKind.End ? node.Parent : Intern(node.Position + 1, 0, node.Parent);

    private void Enter(int rule, GrammarNode? behind)
    {
        if (behind is null || behind.Depth < _grammar.Limits.MostDepth)
        {
            foreach (var begin in _grammar.Alternatives[rule])
            {
                Open(begin, 0, behind);
            }
        }
    }

    private void Leave(GrammarNode? parent)
    {
        if (parent is null)
        {
            _accepts = true;
        }
        else if (_seen.Add(parent))
        {
            _open.Push(parent);
        }
    }

    private void Open(int position, int count, GrammarNode? parent)
    {
        var node = Intern(position, count, parent);
        if (_seen.Add(node))
        {
            _open.Push(node);
        }
    }

    private void Clear()
    {
        _open.Clear();
        _seen.Clear();
        _waiting.Clear();
        _accepts = false;
    }

    private GrammarNode Intern(int position, int count, GrammarNode? parent)
    {
        var key = (position, count, parent);
        if (!_nodes.TryGetValue(key, out var node))
        {
            _nodes[key] = node = new GrammarNode(position, count, parent, _nodes.Count);
        }

        return node;
    }

    private GrammarState Remember(GrammarState state) => _states.TryGetValue(state, out var known) ? known : _states[state] = state;

    /// <summary>The same place, with all that lies behind it, among the nodes that are remembered now.</summary>
    private GrammarNode Rebuild(GrammarNode node)
    {
        var chain = new Stack<GrammarNode>();
        for (var next = node; next is not null; next = next.Parent)
        {
            chain.Push(next);
        }

        GrammarNode? built = null;
        while (chain.TryPop(out var next))
        {
            built = Intern(next.Position, next.Count, built);
        }

        return built ?? node;
    }
}
