using Sluice.Tls;

namespace Sluice.Tests.Tls;

[TestFixture]
[Parallelizable]
public sealed class SslSessionLockTests
{
    [Test]
    public async Task A_disposal_that_throws_leaves_the_lock_free()
    {
        var sessionLock = new SslSessionLock();
        Assert.That(() => sessionLock.Dispose(static () => throw new NotSupportedException("a session")), Throws.InstanceOf<NotSupportedException>());

        await Task.Run(() =>
        {
            sessionLock.Enter();
            sessionLock.Exit();
        }).Soon();
    }
}
