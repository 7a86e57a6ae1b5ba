from verify.commands.numerics import main

if __name__ == "__main__":
    main()
