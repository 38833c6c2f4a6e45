using System.Runtime.InteropServices;
using Sluice.Engine;

namespace Sluice.Tests.Engine;

[Parallelizable]
public sealed class EngineFactoryTests
{
    [TestCase(Architecture.X64, SelectorEngine.Epoll)]
    [TestCase(Architecture.Arm64, SelectorEngine.Epoll)]
    [TestCase(Architecture.RiscV64, SelectorEngine.Epoll)]
    [TestCase(Architecture.LoongArch64, SelectorEngine.Epoll)]
    [TestCase(Architecture.X86, SelectorEngine.Portable)]
    [TestCase(Architecture.Arm, SelectorEngine.Portable)]
    [TestCase(Architecture.Armv6, SelectorEngine.Portable)]
    [TestCase(Architecture.Ppc64le, SelectorEngine.Portable)]
    [TestCase(Architecture.S390x, SelectorEngine.Portable)]
    [TestCase(Architecture.Wasm, SelectorEngine.Portable)]
    public void Epoll_is_picked_on_linux_where_its_numbers_are_known(Architecture architecture, SelectorEngine expected)
    {
        Assert.That(EngineFactory.Default(isLinux: true, architecture), Is.EqualTo(expected));
        Assert.That(EngineFactory.Default(isLinux: false, architecture), Is.EqualTo(SelectorEngine.Portable));
    }
}
