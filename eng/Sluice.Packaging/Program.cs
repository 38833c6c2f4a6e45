using Sluice.Packaging;

// Usage:
//   document ASSEMBLY DOCUMENTATION REFERENCES OUTPUT   writes to OUTPUT what DOCUMENTATION says about public members; REFERENCES lists the assembly's references
//   check FOLDER                                        checks the packages in FOLDER; prints what each contains, and what it lacks
switch (args)
{
    case ["document", var assembly, var documentation, var references, var output]:
        PublicDocumentation.Write(assembly, documentation, File.ReadLines(references), output);
        return 0;
    case ["check", var folder]:
        return PackageFolder.Check(folder);
    default:
        Console.Error.WriteLine("Usage: document ASSEMBLY DOCUMENTATION REFERENCES OUTPUT | check FOLDER");
        return 2;
}
