using AiFactory.ModelLibrary.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Tests.Upstreams;

/// <summary>Nothing calls out of the site unless the settings say so.</summary>
public sealed class UpstreamHostsTests
{
    [Theory]
    [InlineData("api.example.com", "https://api.example.com/v1")]
    [InlineData("API.Example.com", "https://api.example.com:8443/v1")]
    [InlineData("api.example.com", "https://api.example.com./v1")]
    [InlineData("https://api.example.com:443", "https://api.example.com/v1")]
    [InlineData("*.openai.example.com", "https://eu.openai.example.com")]
    [InlineData("http://llm.internal:8000", "http://llm.internal:8000/v1")]
    [InlineData("http://10.1.2.3", "http://10.1.2.3:8000/v1")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:8000/v1")]
    [InlineData("localhost:8000", "https://localhost:8000/v1")]
    [InlineData("http://[::1]:8000", "http://[::1]:8000/v1")]
    public void A_host_that_is_named_may_be_called(string allowed, string address) => Hosts(allowed).Refuse(new Uri(address)).ShouldBeNull();

    [Theory]
    [InlineData("", "https://api.example.com/v1", "unless the setting Upstreams:AllowedHosts names it")]
    [InlineData("api.example.com", "https://api.example.com.evil.test/v1", "names it")]
    [InlineData("api.example.com", "https://evilapi.example.com/v1", "names it")]
    [InlineData("*.example.com", "https://example.com/v1", "names it")]
    [InlineData("*.example.com", "https://evilexample.com/v1", "names it")]
    [InlineData("api.example.com:443", "https://api.example.com:8443/v1", "port 8443")]
    [InlineData("api.example.com", "http://api.example.com/v1", "Plain HTTP to 'api.example.com'")]
    [InlineData("10.1.2.3", "https://127.0.0.1/v1", "names it")]
    [InlineData("127.0.0.1", "http://127.0.0.1/v1", "Plain HTTP")]
    [InlineData("*.localhost", "https://a.localhost/v1", "only the setting Upstreams:AllowedHosts with that very name")]
    public void Any_other_may_not_and_the_refusal_says_what_would_let_it(string allowed, string address, string says) => Hosts(allowed).Refuse(new Uri(address)).ShouldNotBeNull().ShouldContain(says);

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.10.0.0.1")]
    [InlineData("a b")]
    [InlineData("api.example.com/v1")]
    [InlineData("user@api.example.com")]
    [InlineData("api.*.com")]
    [InlineData("ftp://api.example.com")]
    public void What_is_no_host_stops_the_start_and_names_the_setting(string text)
    {
        var options = new UpstreamsOptions();
        options.AllowedHosts.Add("api.example.com");
        options.AllowedHosts.Add(text);

        var result = new UpstreamsOptionsValidator().Validate(null, options);

        result.Failed.ShouldBeTrue();
        result.FailureMessage.ShouldStartWith("Upstreams:AllowedHosts:1 must be a host");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x tenant")]
    [InlineData("Api-Key")]
    [InlineData("X-AiFactory-Project")]
    public void A_header_that_is_the_gateways_or_a_credential_is_not_vouched_for(string name)
    {
        var options = new UpstreamsOptions();
        options.AllowedHeaders.Add("x-tenant");
        options.AllowedHeaders.Add(name);

        var result = new UpstreamsOptionsValidator().Validate(null, options);

        result.FailureMessage.ShouldNotBeNull().ShouldStartWith("Upstreams:AllowedHeaders:1 must be the name of a header");
    }

    private static UpstreamHosts Hosts(string allowed)
    {
        var options = new UpstreamsOptions();
        if (allowed.Length > 0)
        {
            options.AllowedHosts.Add(allowed);
        }

        return new UpstreamHosts(Options.Create(options));
    }
}
