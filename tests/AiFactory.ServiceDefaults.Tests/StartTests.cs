using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("Identity:Key", null, "is not set.")]
    [InlineData("Identity:Key", "short", "is too short: at least 32 characters are needed.")]
    [InlineData("Identity:Lifetime", "00:00:01", "must lie between 5 seconds and one day.")]
    public async Task With_a_bad_setting_of_identities_a_service_does_not_start_and_says_why(string setting, string? value, string sentence) =>
        (await Should.ThrowAsync<OptionsValidationException>(() => TestService.StartAsync(build: builder => builder.Configuration[setting] = value)))
            .Message.ShouldContain($"{setting} {sentence}");

    [Fact]
    public async Task A_bad_setting_of_the_object_store_stops_the_start_and_is_named() =>
        (await Should.ThrowAsync<InvalidOperationException>(() => TestService.StartAsync(
            build: builder => builder.AddObjectStore("objects"), settings: ("ConnectionStrings:objects", "Directory=relative")))).Message.ShouldStartWith("ConnectionStrings:objects");

    [Fact]
    public async Task A_server_of_objects_that_is_away_does_not_stop_the_start_but_readiness()
    {
        await using var service = await TestService.StartAsync(
            build: builder => builder.AddObjectStore("objects"),
            settings: ("ConnectionStrings:objects", "Endpoint=http://127.0.0.1:9;Bucket=b;AccessKey=a;SecretKey=s"));

        using var response = await service.Client.GetAsync("/readyz", TestContext.Current.CancellationToken);

        ((int)response.StatusCode).ShouldBe(503);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("objects");
    }

    [Fact]
    public async Task A_directory_of_objects_is_made_and_ready()
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-start-");
        await using (var service = await TestService.StartAsync(
            build: builder => builder.AddObjectStore("objects"),
            settings: ("ConnectionStrings:objects", $"Directory={Path.Combine(folder.FullName, "made")}")))
        {
            using var response = await service.Client.GetAsync("/readyz", TestContext.Current.CancellationToken);
            ((int)response.StatusCode).ShouldBe(200);
            service.App.Services.GetRequiredService<AiFactory.ServiceDefaults.Objects.IObjectStore>().ShouldNotBeNull();
        }

        folder.Delete(recursive: true);
    }
}
