using System.Net;
using AiFactory.ServiceDefaults.Outbound;
using AiFactory.ServiceDefaults.Upstreams;

namespace AiFactory.ServiceDefaults.Tests.Upstreams;

public sealed class UpstreamConnectorTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.1.2")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:7f00:1::1")]
    public void This_machine_its_link_and_clouds_metadata_are_closed_however_they_are_written(string address) =>
        UpstreamConnector.Guard.MayBeCalled(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.1")]
    [InlineData("172.16.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("fd12:3456::1")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:10.0.0.1")]
    public void A_site_s_private_networks_and_the_internet_are_open(string address) =>
        UpstreamConnector.Guard.MayBeCalled(IPAddress.Parse(address)).ShouldBeTrue();

    /// <summary>The name is this machine's on every machine; nothing listens at the port, and nothing is asked.</summary>
    [Fact]
    public async Task A_name_that_stands_for_this_machine_is_not_connected_to()
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = UpstreamConnector.Guard.ConnectAsync });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://localhost:9/");

        var refused = await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(request, TestContext.Current.CancellationToken));

        refused.InnerException.ShouldBeOfType<OutboundException>().Message.ShouldContain("The host 'localhost' is not on the public internet");
        refused.HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }
}
