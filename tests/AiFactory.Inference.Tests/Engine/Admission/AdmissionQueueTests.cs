using AiFactory.Inference.Engine.Admission;
using AiFactory.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace AiFactory.Inference.Tests.Engine.Admission;

public sealed class AdmissionQueueTests
{
    private static readonly TimeSpan Aging = TimeSpan.FromSeconds(5);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void One_request_of_a_project_is_next_behind_a_thousand_of_another()
    {
        var queue = Queue();
        Add(queue, 1000, "many");
        Take(queue).ShouldBe("many 0");
        Add(queue, 1, "one");

        Take(queue).ShouldBe("one 0");
        Take(queue).ShouldBe("many 1");
    }

    [Fact]
    public void Projects_share_by_tokens_and_not_by_requests()
    {
        var queue = Queue();
        Add(queue, 100, "long", tokens: 300);
        Add(queue, 100, "short", tokens: 100);

        var taken = Enumerable.Range(0, 40).Select(_ => Take(queue)).ToList();

        taken.Count(name => name.StartsWith("long", StringComparison.Ordinal)).ShouldBeInRange(9, 11);
    }

    [Fact]
    public void What_an_answer_really_cost_counts_for_the_next_turn()
    {
        var queue = Queue();
        Add(queue, 3, "a");
        Add(queue, 3, "b");
        Take(queue).ShouldBe("a 0");
        Take(queue).ShouldBe("b 0");

        queue.Settle(new RequestTerms("a"), 1000);

        (Take(queue), Take(queue), Take(queue)).ShouldBe(("b 1", "b 2", "a 1"));
    }

    [Fact]
    public void What_urgent_requests_had_leaves_the_shares_of_the_others_as_they_are()
    {
        var queue = Queue();
        Add(queue, 3, "a");
        Add(queue, 3, "b");
        Take(queue).ShouldBe("a 0");
        queue.Settle(new RequestTerms("a"), 1000);
        Add(queue, 2, "urgent", tokens: 100_000, priority: -1);
        Take(queue).ShouldBe("urgent 0");
        Take(queue).ShouldBe("urgent 1");

        (Take(queue), Take(queue), Take(queue), Take(queue)).ShouldBe(("b 0", "b 1", "b 2", "a 1"));
    }

    [Fact]
    public void A_short_queue_keeps_a_place_too()
    {
        var queue = Queue(limit: 4);
        Enumerable.Range(0, 6).Count(number => queue.TryAdd($"greedy {number}", new RequestTerms("greedy"), 1, free: 0)).ShouldBe(3);
        queue.TryAdd("other", new RequestTerms("other"), 1, free: 0).ShouldBeTrue();
    }

    [Fact]
    public void Time_without_requests_is_no_credit()
    {
        var queue = Queue();
        Add(queue, 20, "busy");
        for (var i = 0; i < 10; i++)
        {
            Take(queue);
        }

        Add(queue, 20, "late");

        Enumerable.Range(0, 6).Select(_ => Take(queue)).Count(name => name.StartsWith("late", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public void The_lower_priority_number_is_first_and_the_others_are_not_forgotten()
    {
        var queue = Queue();
        Add(queue, 1, "batch", priority: 10);
        Add(queue, 100, "urgent", priority: 0);

        var turns = 0;
        for (; Take(queue).StartsWith("urgent", StringComparison.Ordinal); turns++)
        {
            _time.Advance(Aging / 2);
        }

        // Ten numbers between them.
        turns.ShouldBeInRange(19, 23);
        Take(queue).ShouldBe($"urgent {turns}");
    }

    [Fact]
    public void A_class_that_had_its_turn_waits_again()
    {
        var queue = Queue();
        Add(queue, 10, "batch", priority: 2);
        Add(queue, 100, "urgent", priority: 0);
        var taken = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            _time.Advance(Aging);
            taken.Add(Take(queue));
        }

        taken.Count(name => name.StartsWith("batch", StringComparison.Ordinal)).ShouldBeInRange(3, 5);
    }

    [Fact]
    public void Only_a_lower_number_is_a_reason_to_send_another_out()
    {
        var queue = Queue();
        Add(queue, 1, "batch", priority: 10);
        _time.Advance(Aging * 50);

        queue.TryPeekUrgent(10, out _).ShouldBeFalse();
        queue.TryPeekUrgent(11, out var next).ShouldBeTrue();
        next.ShouldNotBeNull().Item.ShouldBe("batch 0");
    }

    [Fact]
    public void Who_waited_until_the_deadline_is_taken_out_and_nobody_else()
    {
        var queue = Queue(longest: TimeSpan.FromMinutes(1));
        Add(queue, 1, "hurried", patience: TimeSpan.FromMilliseconds(200));
        Add(queue, 1, "patient", patience: TimeSpan.FromHours(1));
        Add(queue, 1, "usual");

        queue.RemoveOverdue().ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(200));
        queue.RemoveOverdue().ShouldBe(["hurried 0"]);
        _time.Advance(TimeSpan.FromMinutes(1));
        queue.RemoveOverdue().ShouldBe(["patient 0", "usual 0"], ignoreOrder: true);
        (queue.Count, queue.Tokens).ShouldBe((0, 0));
    }

    [Fact]
    public void The_last_places_are_for_projects_of_which_none_waits()
    {
        var queue = Queue(limit: 16);
        Enumerable.Range(0, 20).Count(number => queue.TryAdd($"greedy {number}", new RequestTerms("greedy"), 1, free: 0)).ShouldBe(14);
        queue.TryAdd("other", new RequestTerms("other"), 1, free: 0).ShouldBeTrue();
        queue.TryAdd("other again", new RequestTerms("other"), 1, free: 0).ShouldBeFalse();
        queue.TryAdd("third", new RequestTerms("third"), 1, free: 0).ShouldBeTrue();
        queue.TryAdd("fourth", new RequestTerms("fourth"), 1, free: 0).ShouldBeFalse();
        queue.TryAdd("into a free place", new RequestTerms("fourth"), 1, free: 1).ShouldBeTrue();
    }

    /// <summary>It had no bound: each list had a turn for one text, was not counted from then on, and let the next one in, so that none was ever complete.</summary>
    [Fact]
    public void Requests_that_have_begun_and_wait_for_the_rest_take_their_places_still()
    {
        var queue = Queue(limit: 16);
        var (came, turns) = (0, new Dictionary<string, int>());
        for (var turn = 0; turn < 280; turn++)
        {
            for (var running = turn == 0 ? 0 : 1; queue.TryAdd($"list {came}", new RequestTerms("a"), 100, free: running); came++)
            {
            }

            queue.TryPeek(out var next).ShouldBeTrue();
            queue.Take(next.ShouldNotBeNull());
            queue.AddRest(next.Item, next.Terms, 100);
            turns[next.Item] = turns.GetValueOrDefault(next.Item) + 1;
        }

        // Two of 16 places are for others, and the list that computes takes none.
        (came, queue.Count).ShouldBe((15, 15));
        turns.Values.ShouldAllBe(had => had >= 18);
        queue.TryAdd("other", new RequestTerms("b"), 1, free: 1).ShouldBeTrue();
    }

    /// <summary>Whatever comes, leaves, waits too long and has its turn: each that was let in comes out once.</summary>
    [Fact]
    public void Nothing_is_lost_and_nothing_comes_twice() =>
        Prop.ForAll<int[]>(EachComesOutOnce).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool EachComesOutOnce(int[] steps)
    {
        var time = new ManualTimeProvider();
        var queue = new AdmissionQueue<string>(8, Aging, TimeSpan.FromSeconds(30), time);
        var (allowed, came) = (new List<string>(), new List<string>());
        for (var i = 0; i < steps.Length; i++)
        {
            var step = Math.Abs((long)steps[i]);
            switch (step % 6)
            {
                case 0 or 1 or 2:
                    var name = $"{i}";
                    if (queue.TryAdd(name, new RequestTerms($"project {step % 4}", (int)(step % 5) - 2, TimeSpan.FromSeconds(1 + (step % 50))), 1 + (int)(step % 9), (int)(step % 2)))
                    {
                        allowed.Add(name);
                    }

                    break;
                case 3 when queue.TryPeek(out var next) || queue.TryPeekUrgent(1, out next):
                    queue.Take(next);
                    queue.Settle(next.Terms, (int)(step % 7) - 3);
                    came.Add(next.Item);
                    break;
                case 4:
                    came.AddRange(queue.RemoveAll(waiting => (waiting.Number + step) % 3 == 0));
                    break;
                default:
                    time.Advance(TimeSpan.FromSeconds(step % 20));
                    came.AddRange(queue.RemoveOverdue());
                    break;
            }
        }

        var waits = queue.Count;
        var left = queue.RemoveAll(_ => true);
        came.AddRange(left);
        return waits == left.Count && queue.Tokens == 0 && came.Order().SequenceEqual(allowed.Order());
    }

    private AdmissionQueue<string> Queue(int limit = 2000, TimeSpan? longest = null) => new(limit, Aging, longest ?? TimeSpan.FromHours(10), _time);

    private static void Add(AdmissionQueue<string> queue, int count, string project, int tokens = 100, int priority = 0, TimeSpan? patience = null)
    {
        for (var i = 0; i < count; i++)
        {
            queue.TryAdd($"{project} {i}", new RequestTerms(project, priority, patience), tokens, free: 0).ShouldBeTrue();
        }
    }

    private static string Take(AdmissionQueue<string> queue)
    {
        queue.TryPeek(out var next).ShouldBeTrue();
        queue.Take(next.ShouldNotBeNull());
        return next.Item;
    }
}
