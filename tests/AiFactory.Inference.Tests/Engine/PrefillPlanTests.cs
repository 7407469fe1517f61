using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Tests.Engine;

public sealed class PrefillPlanTests
{
    [Fact]
    public void Prompts_get_the_same_number_of_tokens() => Share([900, 900, 900], 0, 512).ShouldBe([170, 170, 170]);

    [Fact]
    public void What_a_short_prompt_does_not_need_goes_to_the_long_ones() => Share([900, 30, 900], 0, 512).ShouldBe([241, 30, 241]);

    [Fact]
    public void A_prompt_alone_gets_all() => (Share([900], 0, 512)[0], Share([20], 0, 512)[0]).ShouldBe((512, 20));

    [Fact]
    public void All_get_all_that_they_need_where_there_is_room() => Share([10, 300, 20], 1, 512).ShouldBe([10, 300, 20]);

    [Fact]
    public void A_long_prompt_that_came_first_does_not_stop_the_short_ones_nor_they_it() => Share([4000, 40, 900, 30, 800], 0, 48).ShouldBe([16, 16, 0, 16, 0]);

    [Fact]
    public void Few_places_go_to_the_oldest() => Share([50, 5000, 5], 1, 9).ShouldBe([0, 9, 0]);

    [Fact]
    public void Nothing_is_shared_where_nothing_is()
    {
        Share([], 0, 512).ShouldBeEmpty();
        Share([5, 5], 0, 0).ShouldBe([0, 0]);
    }

    /// <summary>Never more than there is or than is needed, somebody goes on at each step, and parts of one step are equal but for prompts that end with it.</summary>
    [Fact]
    public void Shares_fit_for_any_prompts()
    {
        var random = new Random(5);
        for (var i = 0; i < 5000; i++)
        {
            var remaining = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(1, 1 << random.Next(1, 14))).ToArray();
            var places = random.Next(1, 600);
            var oldest = random.Next(remaining.Length);
            var shares = Share(remaining, oldest, places);

            shares.Sum().ShouldBeInRange(1, places);
            shares[oldest].ShouldBePositive();
            shares.Zip(remaining).ShouldAllBe(pair => pair.First >= 0 && pair.First <= pair.Second);
            shares.Zip(remaining).Where(pair => pair.First > 0 && pair.First < pair.Second).Select(pair => pair.First).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public void Planning_a_step_allocates_nothing()
    {
        int[] remaining = [900, 30, 4000, 900, 17];
        var shares = new int[remaining.Length];
        var batch = new LlamaBatchBuffer(64);
        Plan();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Plan();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        batch.HighestSequence.ShouldBe(5);

        void Plan()
        {
            PrefillPlan.Share(remaining, 2, 200, shares);
            batch.Clear();
            batch.Add(1, 0, 5, output: true);
            batch.Add(1, 0, 3, output: true);
        }
    }

    private static int[] Share(int[] remaining, int oldest, int places)
    {
        var shares = new int[remaining.Length];
        Array.Fill(shares, -1);
        PrefillPlan.Share(remaining, oldest, places, shares);
        return shares;
    }
}
