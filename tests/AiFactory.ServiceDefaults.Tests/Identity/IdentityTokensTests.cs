using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Tests.Identity;

public sealed class IdentityTokensTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly IdentityTokens _tokens;

    public IdentityTokensTests() => _tokens = With(TestService.IdentityKey);

    private static InternalIdentity Ada => InternalIdentity.WithRoles("user:ada", "default", factoryWide: false, [Roles.Operator]);

    [Fact]
    public void What_is_issued_is_read_back_whole()
    {
        _tokens.TryVerify(_tokens.Issue(Ada), out var read).ShouldBeTrue();

        read.Subject.ShouldBe("user:ada");
        read.Project.ShouldBe("default");
        read.FactoryWide.ShouldBeFalse();
        read.Roles.ShouldBe([Roles.Operator]);
        read.Permissions.ShouldBe(RolePermissions.For([Roles.Operator]));
    }

    [Fact]
    public void A_token_is_a_JWT_that_others_can_read()
    {
        var parts = _tokens.Issue(Ada).Split('.');

        Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).ShouldBe("""{"alg":"HS256","typ":"JWT"}""");
        Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).ShouldStartWith("""{"iss":"aifactory","aud":"service","sub":"user:ada","project":"default","fw":false,"roles":["operator"],"perms":[""");
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(3600, false)]
    public void A_token_ends_after_its_life_and_five_seconds(int secondsLater, bool valid)
    {
        var token = _tokens.Issue(Ada);

        _time.Advance(TimeSpan.FromSeconds(secondsLater));

        _tokens.TryVerify(token, out _).ShouldBe(valid);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void A_token_from_the_future_is_refused_beyond_five_seconds(int secondsAhead, bool valid)
    {
        _time.Advance(TimeSpan.FromSeconds(secondsAhead));
        var token = _tokens.Issue(Ada);

        _time.Advance(TimeSpan.FromSeconds(-secondsAhead));

        _tokens.TryVerify(token, out _).ShouldBe(valid);
    }

    [Fact]
    public void Another_key_verifies_nothing() =>
        With("another-key-of-more-than-32-characters!!").TryVerify(_tokens.Issue(Ada), out _).ShouldBeFalse();

    [Fact]
    public void Any_changed_character_is_refused()
    {
        var token = _tokens.Issue(Ada);
        for (var i = 0; i < token.Length - 1; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            _tokens.TryVerify(new string(changed), out _).ShouldBeFalse($"character {i}");
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS512","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT","alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","kid":"x"}""")]
    public void Another_header_is_refused_even_when_signed_with_our_key(string header)
    {
        var payload = _tokens.Issue(Ada).Split('.')[1];

        _tokens.TryVerify(Sign($"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{payload}"), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..")]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA")]
    public void What_is_no_token_is_refused(string text) => _tokens.TryVerify(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"iss":"other","aud":"service","sub":"a","fw":true,"roles":[],"perms":[],"iat":1767225600,"exp":1767225660}""")]
    [InlineData("""{"iss":"aifactory","aud":"service","sub":null,"fw":true,"roles":[],"perms":[],"iat":1767225600,"exp":1767225660}""")]
    [InlineData("""{"iss":"aifactory","aud":"service","sub":"a","fw":true,"roles":[],"perms":[],"iat":1767225600}""")]
    [InlineData("""{"iss":"aifactory","sub":"a","fw":true,"roles":[],"perms":[],"iat":1767225600,"exp":1767225660}""")]
    [InlineData("""{"iss":"aifactory","aud":"console","sub":"a","fw":true,"roles":[],"perms":[],"iat":1767225600,"exp":1767225660}""")]
    public void Claims_that_are_not_ours_are_refused_even_when_signed(string claims)
    {
        var header = _tokens.Issue(Ada).Split('.')[0];

        _tokens.TryVerify(Sign($"{header}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}"), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_token_is_accepted_by_none_but_its_audience()
    {
        var session = _tokens.Issue(Ada with { Link = "mark" }, TimeSpan.FromHours(12), TokenAudiences.Console);
        var call = _tokens.Issue(Ada with { Deployment = Guid.AllBitsSet });

        _tokens.TryVerify(session, out _).ShouldBeFalse();
        _tokens.TryVerify(call, out _, TokenAudiences.Console).ShouldBeFalse();
        _tokens.TryVerify(session, out var person, TokenAudiences.Console).ShouldBeTrue();
        person.Link.ShouldBe("mark");
        _tokens.TryVerify(call, out var caller).ShouldBeTrue();
        caller.Deployment.ShouldBe(Guid.AllBitsSet);
    }

    [Fact]
    public void A_long_token_is_refused_before_it_is_read()
    {
        var token = _tokens.Issue(Ada);

        _tokens.TryVerify(token.Split('.')[0] + "." + new string('A', IdentityTokens.MaximumLength) + ".x", out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => _tokens.Issue(Ada with { Subject = new string('x', IdentityTokens.MaximumLength) }));
    }

    [Fact]
    public void Padding_and_white_space_around_a_signature_are_refused()
    {
        var token = _tokens.Issue(Ada);

        foreach (var variant in new[] { token + "=", token + " ", token + "\n", token[..^1] + "=", " " + token })
        {
            _tokens.TryVerify(variant, out _).ShouldBeFalse();
        }
    }

    private static string Sign(string signed) =>
        $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(TestService.IdentityKey), Encoding.ASCII.GetBytes(signed)))}";

    private IdentityTokens With(string key) => new(Options.Create(new IdentityOptions { Key = key }), _time);
}
