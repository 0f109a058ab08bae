using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class OutputViewTests
{
    private const string Output = "/config/nginx.conf";

    private static readonly Mount Volume = new("volume", "config", "/var/lib/docker/volumes/config/_data", "/config", true);

    [Test]
    public void AFolderShowsEveryNewFile() => AssertView(Volume with { Destination = "/etc/nginx", ReadWrite = false }, Volume, "/etc/nginx/nginx.conf", null);

    [TestCase("/config/nginx.conf")]
    [TestCase("/etc/nginx/nginx.conf")]
    public void AFileAloneDoesNot(string path) =>
        AssertView(new Mount("bind", "", "/srv/nginx.conf", path, false), new Mount("bind", "", "/srv", "/config", true), path, path);

    [Test]
    public void AFileOutOfAVolumeDoesNotEither() =>
        AssertView(new Mount("bind", "", Volume.Source + "/nginx.conf", "/nginx.conf", false), Volume, "/nginx.conf", "/nginx.conf");

    [Test]
    public void AnotherFileOfTheFolderIsNotMeant() => AssertView(new Mount("bind", "", "/srv/mime.types", "/mime.types", false), new Mount("bind", "", "/srv", "/config", true), null, null);

    [Test]
    public void AFileThatTemplaterMountsAloneTooIsWrittenInPlace()
    {
        var alone = new Mount("bind", "", "/srv/nginx.conf", Output, true);
        AssertView(alone with { Destination = "/etc/nginx/nginx.conf" }, alone, "/etc/nginx/nginx.conf", null);
    }

    [Test]
    public void BesideTheContainersThePathIsTheHosts()
    {
        var proxy = Given.Proxy() with { Mounts = [new Mount("bind", "", Output, "/nginx.conf", false)] };
        Assert.That(OutputView.Of(Given.Snapshot(proxy), proxy, Output), Is.EqualTo(new OutputView("/nginx.conf", "/nginx.conf")));
    }

    [Test]
    public void OurOwnContainerSeesWhatItWrites()
    {
        var self = Given.Container("templater") with { Mounts = [new Mount("bind", "", "/srv/nginx.conf", Output, true)] };
        Assert.That(OutputView.Of(Given.Snapshot(self) with { Self = self.Id }, self, Output), Is.EqualTo(new OutputView(Output, null)));
    }

    private static void AssertView(Mount proxys, Mount own, string? path, string? singleFile)
    {
        var self = Given.Container("templater") with { Mounts = [own] };
        var proxy = Given.Proxy() with { Mounts = [proxys] };
        Assert.That(OutputView.Of(Given.Snapshot(self, proxy) with { Self = self.Id }, proxy, Output), Is.EqualTo(new OutputView(path, singleFile)));
    }
}
