using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Batches.Running;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Batches;

public sealed class WorkAnswerTests
{
    [Fact]
    public async Task No_more_large_answers_than_the_setting_says_are_in_memory_and_small_ones_wait_for_none()
    {
        var token = TestContext.Current.CancellationToken;
        var large = new LargeWork(Options.Create(new BatchOptions { LargeAtOnce = 1 }));
        using WorkAnswer first = new(16 << 20, large), second = new(16 << 20, large), small = new(16 << 20, large);
        var piece = new byte[LargeWork.Bytes];

        await first.WriteAsync(piece, token);
        await first.WriteAsync(piece, token);
        await second.WriteAsync(piece, token);
        var more = second.WriteAsync(piece, token).AsTask();
        await small.WriteAsync(piece, token);

        more.IsCompleted.ShouldBeFalse("the first has the only place");
        first.Dispose();
        await more.WaitAsync(TimeSpan.FromSeconds(20), token);
        (first.Whole.Body.Length, second.Whole.Body.Length).ShouldBe((2 << 20, 2 << 20));
    }

    /// <summary>Else requests whose large bodies wait for a turn, and those whose turn it is and whose answers are large, would wait for one another.</summary>
    [Fact]
    public async Task Large_bodies_and_large_answers_have_places_of_their_own()
    {
        var token = TestContext.Current.CancellationToken;
        var large = new LargeWork(Options.Create(new BatchOptions { LargeAtOnce = 1 }));
        using WorkAnswer waiting = new(16 << 20, large), answered = new(16 << 20, large), next = new(16 << 20, large);

        await waiting.TakeBodyAsync(token);
        var answer = answered.WriteAsync(new byte[LargeWork.Bytes + 1], token).AsTask();
        var body = next.TakeBodyAsync(token).AsTask();

        answer.IsCompletedSuccessfully.ShouldBeTrue("no answer waits for a body");
        body.IsCompleted.ShouldBeFalse("there is one place");
        waiting.Dispose();
        await body.WaitAsync(TimeSpan.FromSeconds(20), token);
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens":12,"completion_tokens_details":{"reasoning_tokens":5},"total_tokens":21}}""", 9, 4, 12, 5)]
    [InlineData("""{"output":[{"usage":{"input_tokens":1}}],"usage":{"input_tokens":7,"output_tokens":8}}""", 7, null, 8, null)]
    [InlineData("""{"usage":null}""", null, null, null, null)]
    [InlineData("""{"usage":{"prompt_tokens":-1,"completion_tokens":"8"}}""", null, null, null, null)]
    [InlineData("[1]", null, null, null, null)]
    public void What_an_answer_says_that_it_took_is_read_from_its_own_usage(string answer, int? input, int? cached, int? output, int? reasoning) =>
        AnswerUsage.Of(System.Text.Encoding.UTF8.GetBytes(answer), 256).ShouldBe(new AnswerUsage(input, cached, output, reasoning));
}
