using System.Text;
using System.Text.Json.Nodes;
using AiFactory.Builder.Models;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Builder.Tests.Models;

public sealed class ModelGatewayTests(PostgresFixture postgres)
{
    private static readonly ChatCompletionRequest Hello = new() { Model = "demo-chat", Messages = [ModelMessages.User("Hello")] };

    /// <summary>How an HttpClient tells it; thrown on, it was taken for the stop of the host.</summary>
    [Fact]
    public void A_connection_that_is_not_made_in_time_may_be_made_later()
    {
        var error = new TaskCanceledException("The operation was canceled.", new TimeoutException("A connection could not be established within the configured ConnectTimeout."));

        var failure = ModelCallErrors.Of(error, wasSilent: false, TimeSpan.FromMinutes(5)).ShouldNotBeNull();

        (failure.IsTransient, failure.Code).ShouldBe((true, "connection"));
        ModelCallErrors.Of(new OperationCanceledException(), wasSilent: false, TimeSpan.FromMinutes(5)).ShouldBeNull("the caller has left");
    }

    [Fact]
    public async Task A_call_is_made_in_the_projects_name_and_may_only_call_models()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        var models = builder.Services.GetRequiredService<ModelGateway>();

        var answer = await models.ChatAsync("red", Hello, Token);

        answer.Choices[0].Message.Content.ShouldBe("You said: Hello");
        answer.Usage?.PromptTokens.ShouldBe(7);
        var call = builder.Gateway.Seen.ShouldHaveSingleItem();
        call.Path.ShouldBe("/v1/chat/completions");
        var tokens = builder.Services.GetRequiredService<IdentityTokens>();
        tokens.TryVerify(call.Authorization["Bearer ".Length..], out _).ShouldBeFalse("it must open no service");
        tokens.TryVerify(call.Authorization["Bearer ".Length..], out var identity, TokenAudiences.Builder).ShouldBeTrue();
        identity.Project.ShouldBe("red");
        identity.FactoryWide.ShouldBeFalse();
        identity.Permissions.ShouldBe([Permissions.InferenceInvoke]);
    }

    [Fact]
    public async Task A_stream_comes_piece_by_piece_and_tells_the_usage()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        var models = builder.Services.GetRequiredService<ModelGateway>();
        var text = new StringBuilder();
        Usage? usage = null;

        await foreach (var chunk in models.StreamAsync("red", Hello, Token))
        {
            text.Append(chunk.Choices is [{ Delta.Content: { } piece }] ? piece : "");
            usage = chunk.Usage ?? usage;
        }

        text.ToString().ShouldBe("You said: Hello");
        usage?.CompletionTokens.ShouldBe(3);
    }

    [Fact]
    public async Task Vectors_come_in_the_order_of_the_texts_as_base64_or_as_numbers()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        var models = builder.Services.GetRequiredService<ModelGateway>();
        var numbers = await models.EmbedAsync("red", "demo-embed", ["aab", "b"], Token);
        builder.Gateway.Script = (context, _) => context.Response.WriteAsync(
            """{"object":"list","model":"m","usage":{"prompt_tokens":1,"total_tokens":1},"data":[{"object":"embedding","index":1,"embedding":"AAAAQA=="},{"object":"embedding","index":0,"embedding":"AACAPw=="}]}""");
        var base64 = await models.EmbedAsync("red", "demo-embed", ["a", "b"], Token);

        numbers.Vectors[0][..2].ShouldBe([2f, 1f]);
        base64.Vectors.ShouldBe([[1f], [2f]]);
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(404, false)]
    public async Task A_refusal_says_the_gateways_reason_and_whether_to_try_again(int status, bool isTransient)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("""{"error":{"message":"The reason.","type":"t","param":null,"code":"the_code"}}""");
        };

        var error = await Should.ThrowAsync<ModelCallException>(() => builder.Services.GetRequiredService<ModelGateway>().ChatAsync("red", Hello, Token));

        (error.Message, error.Status, error.Code, error.IsTransient).ShouldBe(("The reason.", status, "the_code", isTransient));
    }

    [Fact]
    public async Task An_error_in_a_stream_or_a_stream_that_breaks_off_is_no_end_of_the_answer()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        var models = builder.Services.GetRequiredService<ModelGateway>();
        builder.Gateway.Script = async (context, _) =>
            await context.Response.WriteAsync("data: {\"error\":{\"message\":\"The worker died.\",\"type\":\"t\",\"param\":null,\"code\":null}}\n\n");
        (await Should.ThrowAsync<ModelCallException>(() => DrainAsync(models))).Message.ShouldBe("The worker died.");

        builder.Gateway.Script = async (context, _) => await FakeGateway.WriteAsync(context, new { id = "c", @object = "o", created = 1, model = "m", choices = new JsonArray() });
        (await Should.ThrowAsync<ModelCallException>(() => DrainAsync(models))).IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task A_model_that_is_silent_is_given_up_and_the_caller_who_leaves_is_not_a_failure()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Models:Silence", "00:00:01"));
        var models = builder.Services.GetRequiredService<ModelGateway>();
        builder.Gateway.Script = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

        (await Should.ThrowAsync<ModelCallException>(() => models.ChatAsync("red", Hello, Token))).Code.ShouldBe("timeout");

        using var left = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Should.ThrowAsync<OperationCanceledException>(() => models.ChatAsync("red", Hello, left.Token));
    }

    private static async Task DrainAsync(ModelGateway models)
    {
        await foreach (var _ in models.StreamAsync("red", Hello, Token))
        {
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
