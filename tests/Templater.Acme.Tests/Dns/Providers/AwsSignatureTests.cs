using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

public sealed class AwsSignatureTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static readonly DateTimeOffset Time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Test]
    public void ARequestIsSignedAsInAmazonsExample()
    {
        // "Signature Version 4 signing process", the request to IAM of the documentation.
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        new AwsSignature("AKIDEXAMPLE", Secret, "", "us-east-1", "iam").Sign(request, [], Time);
        Assert.That(request.Headers.GetValues("Authorization").Single(), Is.EqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
    }

    [TestCase("https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [TestCase("https://example.amazonaws.com/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void ARequestIsSignedAsInAmazonsTestSuite(string uri, string signature)
    {
        // get-vanilla and get-vanilla-query-order-key-case of aws-sig-v4-test-suite.
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        new AwsSignature("AKIDEXAMPLE", Secret, "", "us-east-1", "service").Sign(request, [], Time);
        Assert.That(request.Headers.GetValues("Authorization").Single(), Does.EndWith($"SignedHeaders=host;x-amz-date, Signature={signature}"));
    }

    [Test]
    public void ATokenOfTemporaryCredentialsIsSignedToo()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://example.amazonaws.com/");
        new AwsSignature("AKIDEXAMPLE", Secret, "session", "us-east-1", "service").Sign(request, [], Time);
        Assert.That(request.Headers.GetValues("Authorization").Single(), Does.Contain("SignedHeaders=host;x-amz-date;x-amz-security-token"));
    }
}
