using AiFactory.Hosting.Dashboard;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Hosting.Tests.Dashboard;

public sealed class DashboardSettingsTests
{
    [Theory]
    [InlineData("http://localhost:18888", "http://localhost:18888/")]
    [InlineData("https://localhost:17000;http://localhost:15000", "http://localhost:15000/")]
    [InlineData("http://*:18888", "http://0.0.0.0:18888/")]
    [InlineData("http://+:18888", "http://0.0.0.0:18888/")]
    public void The_pages_are_where_the_launch_profile_says(string urls, string address)
        => Settings(urls).Frontend.ToString().ShouldBe(address);

    [Theory]
    [InlineData(null)]
    [InlineData("http://localhost:0")]
    public void Without_a_port_a_free_one_is_chosen_for_the_whole_run(string? urls)
        => Settings(urls).Frontend.Port.ShouldBeGreaterThan(0);

    [Fact]
    public void The_login_link_works_in_a_browser_whatever_the_address_is_bound_to()
        => Settings("http://*:18888").Login.ToString().ShouldStartWith("http://localhost:18888/login?t=");

    [Fact]
    public void An_address_that_is_none_is_named()
        => Should.Throw<DistributedApplicationException>(() => Settings("eighteen")).Message.ShouldContain("'eighteen'");

    [Fact]
    public void Every_run_has_keys_of_its_own_and_no_two_are_the_same()
    {
        var settings = Settings(null);
        var keys = new[] { settings.ApiKey, settings.BrowserToken, settings.OtlpKey, settings.ResourceServiceKey, Settings(null).ApiKey };

        keys.Distinct().Count().ShouldBe(keys.Length);
    }

    private static DashboardSettings Settings(string? urls)
        => DashboardSettings.From(new ConfigurationBuilder().AddInMemoryCollection([new("ASPNETCORE_URLS", urls)]).Build());
}
