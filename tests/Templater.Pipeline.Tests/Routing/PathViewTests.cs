using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class PathViewTests
{
    [TestCase("config:/config", "config:/config", "/config", "/config")]
    [TestCase("config:/config", "config:/config", "/config/", "/config/")]
    [TestCase("config:/config", "config:/etc/nginx/templater", "/config/nginx.conf", "/etc/nginx/templater/nginx.conf")]
    [TestCase("config:/config", "config:/etc/nginx/templater/", "/config", "/etc/nginx/templater")]
    [TestCase("config:/config", "config:/configuration", "/configuration", null, Description = "no mount of ours holds it")]
    [TestCase("config:/config", "other:/config", "/config", null, Description = "another volume under the same name of a directory")]
    [TestCase("config:/config", "", "/config", null)]
    [TestCase("", "config:/config", "/config", null)]
    [TestCase("/srv/site:/site", "/srv/site:/etc/site", "/site/a/b", "/etc/site/a/b")]
    [TestCase("/srv:/data", "/srv/certs:/certs", "/data/certs/a.pem", "/certs/a.pem", Description = "a part of ours")]
    [TestCase("/srv:/data", "/srv/certs:/certs", "/data/certs", "/certs")]
    [TestCase("/srv:/data", "/srv/certs:/certs", "/data/certsx/a.pem", null)]
    [TestCase("/srv:/data", "/srv/certs:/certs", "/data", null, Description = "more than the proxy sees")]
    [TestCase("/srv/certs:/certs", "/srv:/host", "/certs/a.pem", "/host/certs/a.pem", Description = "a part of theirs")]
    [TestCase("/:/host", "/srv:/srv", "/host/srv/a", "/srv/a")]
    [TestCase("/srv:/data certs:/data/certs", "/srv:/data", "/data/certs/a.pem", null, Description = "the inner mount is another place")]
    [TestCase("/srv:/data certs:/data/certs", "/srv:/data certs:/certs", "/data/certs/a.pem", "/certs/a.pem")]
    [TestCase("certs:/certs", "certs:/certs tmpfs:/certs/live", "/certs/live/a.pem", null, Description = "covered by another mount in the proxy")]
    [TestCase("tmpfs:/certs", "tmpfs:/certs", "/certs", null)]
    [TestCase("certs:/certs", "certs:/a certs:/certs certs:/b", "/certs", "/certs", Description = "the same path is preferred")]
    [TestCase("certs:/certs", "certs:/b certs:/a", "/certs", "/a", Description = "else the first, whatever the order")]
    [TestCase("certs:/certs", "certs:/a;b", "/certs", null, Description = "what would have to be quoted is refused")]
    [TestCase("certs:/certs", "certs:/a\nb", "/certs", null)]
    [TestCase("certs:/ce;rts", "certs:/ce;rts", "/ce;rts/a.pem", "/ce;rts/a.pem", Description = "but not where nothing changes")]
    [TestCase("certs:/certs", "certs:/other", "/certs/../etc", null)]
    [TestCase("nfs!certs:/certs", "nfs!certs:/other", "/certs/a.pem", "/other/a.pem", Description = "a driver that gives no path")]
    public void APathIsTranslatedByWhatBothMount(string own, string other, string path, string? expected) =>
        Assert.That(PathView.Translate(Mounts(own), Mounts(other), path), Is.EqualTo(expected));

    [Test]
    public void APartOfAVolumeIsNotTheVolume()
    {
        ImmutableArray<Mount> own = [new("volume", "all", "/var/lib/docker/volumes/all/_data", "/certs", true)];
        ImmutableArray<Mount> part = [new("volume", "all", "/var/lib/docker/volumes/all/_data/live", "/certs", true)];

        Assert.That(PathView.Translate(own, part, "/certs/a.pem"), Is.Null);
        Assert.That(PathView.Translate(own, part, "/certs/live/a.pem"), Is.EqualTo("/certs/a.pem"));
    }

    // "volume:/destination", "/source:/destination", "tmpfs:/destination"; "nfs!" for a volume without a path.
    private static ImmutableArray<Mount> Mounts(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word =>
        {
            var parts = word.Split(':');
            return parts[0] switch
            {
                "tmpfs" => new Mount("tmpfs", "", "", parts[1], true),
                ['/', ..] => new Mount("bind", "", parts[0], parts[1], true),
                ['n', 'f', 's', '!', .. var name] => new Mount("volume", name, "", parts[1], true),
                var name => new Mount("volume", name, $"/var/lib/docker/volumes/{name}/_data", parts[1], true),
            };
        }),
    ];
}
